-- Undoes: what relays know of topic generations.
revoke select on hookline.topic_generations from hookline_relay;

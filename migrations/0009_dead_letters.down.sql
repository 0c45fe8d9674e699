-- Cannot be undone: the dead letters and their bodies are lost.
drop table hookline.dead_letters;
drop table hookline.dead_deliveries;

-- Cannot be undone: the claims are gone. A redelivery, or reading the log again, runs the handlers again.
drop table hookline.processed_deliveries;

-- Cannot be undone: what waits in lanes is lost, and is nowhere else but in the log. Only with every lane closed.
drop table hookline.lane_deliveries;
drop table hookline.lanes;

-- Undoes: what handlers have seen of GitHub's times is lost; what comes late is not known as late.
drop table hookline.subject_times;

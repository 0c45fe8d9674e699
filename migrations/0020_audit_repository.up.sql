-- Why: whose repository a decision is about is not always in its key: by the key rule `owner` the key is of all repositories of
-- an owner, and what the audit quotes of one of them is to be erased alone. Null: of no repository, or of before this column.
alter table hookline.audit_log add column repository_id text;

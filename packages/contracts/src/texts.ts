/** A UUID in lower case: in another spelling it would be another one to us, and the same to the database. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The character that PostgreSQL cannot store in a text. */
export const NUL = '\u0000';

/** The addresses that replies name. */
export interface Addresses {
  /** Of the API, without a slash at its end. */
  api: string;
  /** Of the pages for people. */
  html: string;
}

/** One line of the report: a figure beside its reference. */
export interface Row {
  readonly what: string;
  readonly figure: string;
  readonly reference: string;
  readonly ratio: string;
  readonly aim: string;
}

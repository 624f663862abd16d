/**
 * StandardSchema is the small part of the Standard Schema specification that Millrace calls; zod, valibot, arktype and
 * others implement it. Source: https://standardschema.dev
 */
export interface StandardSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/** SchemaResult is a value, or what is wrong with it. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** SchemaIssue is one thing that is wrong. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Output is what a schema makes of a value. */
export type Output<S> = S extends StandardSchema<infer O> ? O : never;

/** Input is what a schema accepts, as far as its types say; unknown if they do not. */
export type Input<S> = S extends { readonly "~standard": { readonly types?: { readonly input: infer I } | undefined } }
  ? I
  : unknown;

/** A message whose words depend on a number `n` (CLDR plural categories of its language). */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };
export type Message = string | Plural;

/** The names in braces of a message: "Wyślij do {n} osób" has "n". */
export type Names<M> = M extends string
  ? M extends `${string}{${infer Name}}${infer Rest}`
    ? Name | Names<Rest>
    : never
  : M extends Plural
    ? Names<M[keyof M]> | 'n'
    : never;

/** The same keys in every language; a plural stays a plural. */
export type Catalogue<Reference> = {
  readonly [Key in keyof Reference]: Reference[Key] extends string ? string : Plural;
};

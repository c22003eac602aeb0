/**
 * Text that reaches Terraform as it is written: cdktf passes strings through raw, so that `${` and `%{` in a
 * configuration file or in the catalog would be read as Terraform templates.
 */
export function literal(text: string): string {
  return text.replace(/([$%])\{/g, "$1$1{");
}

/**
 * Names one provider goes by, each brought to the value the OpenTelemetry conventions list today: what older
 * instruments said (`gen_ai.system`), and what people write in routes. Nothing else is ever changed: a name that is
 * not here is compared as it stands.
 */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["vertex_ai", "gcp.vertex_ai"],
  ["vertex", "gcp.vertex_ai"],
  ["google-vertex", "gcp.vertex_ai"],
  ["gemini", "gcp.gemini"],
  ["google-gemini", "gcp.gemini"],
  ["az.ai.inference", "azure.ai.inference"],
  ["az.ai.openai", "azure.ai.openai"],
  ["azure_openai", "azure.ai.openai"],
  ["azure-openai", "azure.ai.openai"],
  ["bedrock", "aws.bedrock"],
  ["aws_bedrock", "aws.bedrock"],
  ["amazon-bedrock", "aws.bedrock"],
  ["mistral", "mistral_ai"],
  ["mistralai", "mistral_ai"],
  ["xai", "x_ai"],
  ["watsonx", "ibm.watsonx.ai"],
]);

export function providerName(name: string): string {
  return NAMES.get(name) ?? name;
}

/** The name as the route spells it where both are names of one provider: what is stored is then compared exactly. */
export function spelledAs(route: { readonly provider: string }, name: string): string {
  return providerName(name) === providerName(route.provider) ? route.provider : providerName(name);
}

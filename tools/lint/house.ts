/** The house's own rules: what no rule of the linter says. The linter reads this file as a plug-in. */

type Node = { type: string; name?: string; callee?: Node; arguments?: Node[] };
type Context = { options: unknown[]; report: (finding: { node: Node; message: string }) => void };

const isBareDate = (node: Node) =>
  node.callee?.type === "Identifier" && node.callee.name === "Date" && node.arguments?.length === 0;

/** `new Date()` and `Date()` read the clock; `new Date(ms)` only writes a given time differently. */
const noBareDate = {
  meta: {
    type: "problem",
    schema: [{ type: "object", properties: { message: { type: "string" } }, additionalProperties: false }],
    defaultOptions: [{ message: "Time is an argument." }],
  },
  create(context: Context) {
    const { message } = context.options[0] as { message: string };
    const check = (node: Node) => {
      if (isBareDate(node)) context.report({ node, message });
    };
    return { NewExpression: check, CallExpression: check };
  },
};

export default { meta: { name: "house" }, rules: { "no-bare-date": noBareDate } };

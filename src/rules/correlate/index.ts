export { Correlations, type ReadField } from "./correlations.ts";
export { entityOf } from "./similarity.ts";

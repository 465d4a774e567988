export { compileSources } from "./rule-set.ts";

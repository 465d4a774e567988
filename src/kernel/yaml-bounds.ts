/** How large a YAML file may be: reading it takes time and memory by its tokens, and people write no such files. */

/** The largest format and rule files have a tenth of it. */
export const MAX_YAML_CHARS = 1_048_576;
/** Signs, words and blanks; a line such as `key: value` is seven of them. */
export const MAX_YAML_TOKENS = 200_000;

/** What is told of a file that is too large, and what to do. */
export const YAML_TOO_LARGE = {
  message: `the file is too large: at most ${MAX_YAML_CHARS} characters and ${MAX_YAML_TOKENS} tokens are read`,
  hint: "make several files of it",
};

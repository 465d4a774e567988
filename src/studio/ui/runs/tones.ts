export const TONES = { Running: "good", Succeeded: "good", Failed: "bad", Stopped: "plain" } as const;

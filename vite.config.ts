import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Builds the studio's page into dist/studio/page, beside the compiled server, where its server looks. */
export default defineConfig({
  // From wherever the command is run.
  root: fileURLToPath(new URL("src/studio/ui", import.meta.url)),
  plugins: [react()],
  build: {
    outDir: "../../../dist/studio/page",
    emptyOutDir: true,
    target: "es2023",
    // Everything comes from files, since the page's policy knows no data: scripts or fonts.
    assetsInlineLimit: 0,
    // The page comes from this machine, so that large files cost nothing.
    chunkSizeWarningLimit: 1000,
    modulePreload: { polyfill: false },
  },
});

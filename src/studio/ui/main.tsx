import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { DraftProvider } from "./playbook/draft.tsx";
import { LiveProvider } from "./shared/live.tsx";
import "./tokens.css";
import "./style.css";

// The token has done its work once the cookie is there; it stays in no history and no copied address.
const address = new URL(location.href);
if (address.searchParams.has("token")) {
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
}

// A browser started without a locale names a language that no formatter takes, and the charts ask for it as they load.
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en" });
}

const client = new QueryClient({
  defaultOptions: { queries: { retry: false, staleTime: 5000, refetchOnWindowFocus: true } },
});
const root = document.getElementById("root");
if (root === null) {
  throw new Error("the page has no root element");
}
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <LiveProvider>
        <DraftProvider>
          <App />
        </DraftProvider>
      </LiveProvider>
    </QueryClientProvider>
  </StrictMode>,
);

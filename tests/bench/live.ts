import process from "node:process";
import { intuneSamples } from "../../src/local/samples.ts";
import { INTAKE_KEY, startRealStudio } from "../browser/real-studio.ts";
import { print } from "./support.ts";

/**
 * The studio's page while events stream in: the time from one frame to the next in a real Chromium, on the page Events
 * with Live on. Arguments: events a second (default 2,000), seconds (15).
 */
const perSecond = Number(process.argv[2] ?? 2000);
const seconds = Number(process.argv[3] ?? 15);
const BATCHES_A_SECOND = 4;

const real = await startRealStudio();
try {
  const { page } = await real.open();
  await page.getByRole("link", { name: "Events" }).click();
  await page.getByRole("checkbox", { name: "Live" }).check();
  const samples = intuneSamples();
  let sent = 0;
  const send = async () => {
    const jsons = Array.from(
      { length: perSecond / BATCHES_A_SECOND },
      () => samples[sent++ % samples.length] ?? "",
    );
    await fetch(`${real.stack.intake.url}/batch`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ intake_key: INTAKE_KEY, jsons }),
    });
  };
  for (const { name, isLoaded } of [
    { name: "idle", isLoaded: false },
    { name: `${perSecond} events/s`, isLoaded: true },
  ]) {
    const timer = isLoaded ? setInterval(() => void send(), 1000 / BATCHES_A_SECOND) : undefined;
    const measured = await page.evaluate<{ gaps: number[]; tasks: number[] }>(
      `new Promise((resolve) => {
        const [gaps, tasks] = [[], []];
        const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
        observer.observe({ type: "longtask" });
        const end = performance.now() + ${seconds * 1000};
        let last = performance.now();
        const frame = (now) => {
          gaps.push(now - last);
          last = now;
          if (now < end) requestAnimationFrame(frame);
          else resolve({ gaps, tasks });
        };
        requestAnimationFrame(frame);
      })`,
    );
    clearInterval(timer);
    const gaps = measured.gaps.sort((a, b) => a - b);
    const at = (share: number) => (gaps[Math.floor(share * (gaps.length - 1))] ?? 0).toFixed(0);
    const over = gaps.filter((gap) => gap > 50).length;
    print(
      `${name}: ${gaps.length} frames, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms; ` +
        `${over} over 50 ms; ${measured.tasks.length} tasks of the page over 50 ms`,
    );
  }
  print(`${sent} events sent; the page counts ${await page.locator("b[role=status]").textContent()}`);
} finally {
  await real.close();
}

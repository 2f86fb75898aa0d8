import { expect, it } from "vitest";
import { Watchdog } from "../../src/store/watchdog";

function quietFor(seconds: number): { watchdog: Watchdog; asked: number[] } {
  const watchdog = new Watchdog();
  const asked: number[] = [];
  for (let second = 1; second <= seconds; second++) if (watchdog.tick()) asked.push(second);
  return { watchdog, asked };
}

it("asks a quiet kernel every five seconds", () => {
  expect(quietFor(16).asked).toEqual([5, 10, 15]);
});

it.each<[number, string]>([
  [9, "live"],
  [10, "silent"],
  [60, "silent"],
])("calls a kernel that was quiet for %i seconds %s", (seconds, link) => {
  const { watchdog } = quietFor(seconds);
  expect(watchdog.link).toBe(link);
  expect(watchdog.quiet).toBe(seconds);
});

it("starts over when the kernel sends a message", () => {
  const { watchdog } = quietFor(12);
  watchdog.heard();
  expect([watchdog.link, watchdog.quiet]).toEqual(["live", 0]);
});

it("keeps treating a kernel as gone until it is back", () => {
  const { watchdog } = quietFor(3);
  expect(watchdog.setAlive(false)).toBe(true);
  expect(watchdog.setAlive(false)).toBe(false);
  for (let second = 0; second < 20; second++) watchdog.tick();
  expect(watchdog.link).toBe("gone");
  expect(watchdog.setAlive(true)).toBe(true);
  expect(watchdog.link).toBe("live");
});

it("keeps treating a kernel as silent although its comm is alive", () => {
  const { watchdog } = quietFor(10);
  expect(watchdog.setAlive(true)).toBe(false);
  expect(watchdog.link).toBe("silent");
});

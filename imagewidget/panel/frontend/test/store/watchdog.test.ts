import { expect, it } from "vitest";
import { Watchdog } from "../../src/store/watchdog";

function quietFor(seconds: number): { watchdog: Watchdog; asked: number[] } {
  const watchdog = new Watchdog();
  const asked: number[] = [];
  for (let second = 1; second <= seconds; second++) if (watchdog.tick()) asked.push(second);
  return { watchdog, asked };
}

it("has the kernel asked every five seconds", () => {
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

it("begins anew when the kernel is heard", () => {
  const { watchdog } = quietFor(12);
  watchdog.heard();
  expect([watchdog.link, watchdog.quiet]).toEqual(["live", 0]);
});

it("takes a kernel that is gone for nothing else until it is back", () => {
  const { watchdog } = quietFor(3);
  expect(watchdog.setAlive(false)).toBe(true);
  expect(watchdog.setAlive(false)).toBe(false);
  for (let second = 0; second < 20; second++) watchdog.tick();
  expect(watchdog.link).toBe("gone");
  expect(watchdog.setAlive(true)).toBe(true);
  expect(watchdog.link).toBe("live");
});

it("does not believe a silent kernel to speak because its comm is there", () => {
  const { watchdog } = quietFor(10);
  expect(watchdog.setAlive(true)).toBe(false);
  expect(watchdog.link).toBe("silent");
});

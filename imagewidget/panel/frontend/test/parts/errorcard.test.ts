// @vitest-environment happy-dom
// The error, the failed attempts, and Retry.
import { expect, it } from "vitest";
import { ErrorCard } from "../../src/parts/errorcard";
import { spoken } from "../../src/parts/words";
import { ERROR, type FakeModel, openStore, plain, snapshot, TRY, tried } from "../helpers";

const row = (part: { el: Element }) => plain(part.el.querySelector("tbody"));

it("shows the error and its hint as text, and asks the kernel to retry", () => {
  const store = openStore({ phase: "failed", error: ERROR });
  const card = new ErrorCard(store);
  card.update();
  expect(plain(card.el.querySelector(".iw-error-title"))).toBe("no <b>such</b> image");
  expect(plain(card.el.querySelector(".iw-hint"))).toBe("Check the name.");
  expect(plain(card.el.querySelector(".iw-tail"))).toBe("last line");
  card.el.querySelector<HTMLButtonElement>(".iw-error-actions button")?.click();
  expect((store.model as FakeModel).kinds().at(-1)).toBe("retry");
});

it("hides Retry when the kernel is gone", () => {
  const store = openStore({ phase: "cancelled" });
  const card = new ErrorCard(store);
  store.setAlive(false);
  card.update();
  expect(card.el.querySelector<HTMLButtonElement>("button")?.hidden).toBe(true);
});

it("lists every failed attempt when the job fails for another reason", () => {
  const card = new ErrorCard(openStore({ phase: "failed", error: ERROR, attempts: tried("500") }));
  card.update();
  expect(row(card)).toBe("ghcr.io1ServerError 500");
});

it("prefers the attempts that the error lists", () => {
  const error = { ...ERROR, attempts: [{ ...TRY, message: "mine" }] };
  const card = new ErrorCard(openStore({ phase: "failed", error, attempts: tried("500") }));
  card.update();
  expect(row(card)).toBe("ghcr.io1ServerError mine");
});

it("shows Retrying in every view until the new run begins", () => {
  const store = openStore({ phase: "failed", error: ERROR });
  const cards = [new ErrorCard(store), new ErrorCard(store)];
  const words = () =>
    cards.map((card) => {
      card.update();
      return plain(card.el.querySelector(".iw-error-actions button"));
    });
  store.retry();
  expect(words()).toEqual(["Retrying", "Retrying"]);
  const failed = { phase: "failed", error: ERROR } as const;
  (store.model as FakeModel).receive(snapshot({ run: 2, set: failed })); // fails at once
  expect(words()).toEqual(["Retry", "Retry"]);
});

it("shows commands in hints and titles as code, and announces them without backticks", () => {
  const error = { ...ERROR, message: "no `docker`", hint: "Run `docker <login>`." };
  const card = new ErrorCard(openStore({ phase: "failed", error }));
  card.update();
  expect([...card.el.querySelectorAll("p code")].map(plain)).toEqual(["docker", "docker <login>"]);
  expect(spoken({ ...openStore({}).state, phase: "failed", error })).toBe("Failed: no docker");
});

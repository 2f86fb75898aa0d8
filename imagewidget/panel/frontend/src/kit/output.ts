// Ways to get data out of the panel: the clipboard, and files.

/** Copies text, even where the page may not use the clipboard API. */
export async function copyText(text: string | Promise<string>): Promise<void> {
  const { clipboard } = navigator;
  if (clipboard && typeof ClipboardItem !== "undefined") {
    // Passing a promise keeps the permission of the click while the text is still being fetched.
    const blob = Promise.resolve(text).then((value) => new Blob([value], { type: "text/plain" }));
    try {
      await clipboard.write([new ClipboardItem({ "text/plain": blob })]);
      return;
    } catch (error) {
      if (text instanceof Promise) await text; // rejects with the more specific error
      if (!(error instanceof DOMException)) throw error;
    }
  }
  copyBySelection(await text);
}

function copyBySelection(text: string): void {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.cssText = "position:fixed;opacity:0";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) throw new Error("The browser does not allow copying here.");
}

/** Makes the browser download `blob` as a file. */
export function saveAs(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

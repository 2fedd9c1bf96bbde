import "fake-indexeddb/auto";

/* What jsdom has no layout for; the browser tests see the real thing. */
Element.prototype.scrollIntoView = () => undefined;
HTMLDialogElement.prototype.showModal ??= function open(this: HTMLDialogElement) {
  this.open = true;
};
HTMLDialogElement.prototype.close ??= function close(this: HTMLDialogElement) {
  this.open = false;
  this.dispatchEvent(new Event("close"));
};

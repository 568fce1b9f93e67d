const FORM = /^([0-9A-Fa-f:.]+)(?:\/([0-9]{1,3}))?$/;
const IPV4 = /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/;
const IPV4_BITS = 32;
const IPV6_BITS = 128;

/** Whether a text is as `10.0.0.0/8`, `fd00::/8`, or one address; not every address. */
export function isAddressBlock(text: string): boolean {
  const [, address = "", length] = FORM.exec(text) ?? [];
  const most = address.includes(":") ? IPV6_BITS : IPV4_BITS;
  const bits = length === undefined ? most : Number(length);
  return bits > 0 && bits <= most && isAddress(address);
}

function isAddress(text: string): boolean {
  if (!text.includes(":")) {
    return IPV4.test(text) && text.split(".").every((byte) => Number(byte) < 256);
  }
  try {
    return new URL(`http://[${text}]/`).hostname !== "";
  } catch {
    return false;
  }
}

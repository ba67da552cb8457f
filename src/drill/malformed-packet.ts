/** What is wrong with a packet, in words. */
export class MalformedPacket extends Error {}

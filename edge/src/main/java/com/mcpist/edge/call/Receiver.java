package com.mcpist.edge.call;

import io.vertx.core.buffer.Buffer;

/**
 * What becomes of the body of an attempt's response. This one reads to its end an answer that
 * nobody waits for any more, so that the work is done.
 */
class Receiver {
  static final Receiver OF_NOBODY = new Receiver();

  enum Taken {
    READY,
    /** The next piece must wait until the client has room. */
    FULL,
    /** The edge can hold no more now; another attempt's may find room. */
    NO_ROOM,
    /** Nothing can be made of this response, nor of another attempt's. */
    UNUSABLE
  }

  enum Whole {
    /** The client has it. */
    ANSWER,
    /** The attempt has failed. */
    NO_ANSWER,
    /** Nothing can be made of this response, nor of another attempt's. */
    UNUSABLE
  }

  Taken take(Buffer piece) {
    return Taken.READY;
  }

  Whole whole() {
    return Whole.ANSWER;
  }

  /** The body will never be whole: what is held of it is of no use. */
  void dropped() {}

  /** Whether it lasts until something happens, so that silence is no failure. */
  boolean lasts() {
    return false;
  }
}

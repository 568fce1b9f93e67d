package com.mcpist.edge.call;

import io.vertx.core.buffer.Buffer;

/**
 * Takes in the body of an attempt's response. This base class reads an answer that nobody waits for
 * any more to its end, so that the work is done.
 */
class Receiver {
  static final Receiver OF_NOBODY = new Receiver();

  enum Taken {
    READY,
    /** The next piece must wait until the client has room. */
    FULL,
    /** The edge can hold no more now; the response of another attempt may find room. */
    NO_ROOM,
    /** This response is unusable, as another attempt's would be. */
    UNUSABLE
  }

  enum Whole {
    /** The client has the answer. */
    ANSWER,
    /** The attempt has failed. */
    NO_ANSWER,
    /** This response is unusable, as another attempt's would be. */
    UNUSABLE
  }

  Taken take(Buffer piece) {
    return Taken.READY;
  }

  Whole whole() {
    return Whole.ANSWER;
  }

  /** Notes that the body will never be whole, so that what is held of it is of no use. */
  void dropped() {}

  /** Returns true if the response lasts until something happens, so that silence is no failure. */
  boolean lasts() {
    return false;
  }
}

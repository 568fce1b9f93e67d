package com.mcpist.edge.call;

import io.vertx.core.buffer.Buffer;

/** What becomes of the body of an attempt's response. */
interface Receiver {
  /** What a piece has led to. */
  enum Taken {
    /** The next one may come. */
    READY,
    /** The next one must wait until the client has room. */
    FULL,
    /** Nothing can be made of this response, nor of another attempt's. */
    UNUSABLE
  }

  /** What a whole body is. */
  enum Whole {
    /** The answer, and the client has it. */
    ANSWER,
    /** None: the attempt has failed. */
    NO_ANSWER,
    /** Nothing can be made of this response, nor of another attempt's. */
    UNUSABLE
  }

  /** A piece has come. */
  Taken take(Buffer piece);

  /** The body is whole. */
  Whole whole();

  /** The body will never be whole: what is held of it is of no use. */
  default void dropped() {}

  /** Whether it lasts until something happens, so that silence is no failure. */
  default boolean lasts() {
    return false;
  }

  /** For an answer that nobody waits for any more: read to its end, so that the work is done. */
  Receiver NOBODY =
      new Receiver() {
        @Override
        public Taken take(Buffer piece) {
          return Taken.READY;
        }

        @Override
        public Whole whole() {
          return Whole.ANSWER;
        }
      };
}

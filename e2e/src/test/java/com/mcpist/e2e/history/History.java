package com.mcpist.e2e.history;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the clients of a schedule sent and were told, and what the servers did. Times are
 * milliseconds since the history began.
 *
 * @param deaths of origins that the schedule did not kill
 * @param kills the times at which the schedule killed an origin
 */
record History(
    Schedule schedule,
    List<Sending> sendings,
    List<Effect> effects,
    List<Death> deaths,
    List<Long> kills,
    List<Note> notes) {

  /** There is no such time, or it is not known. */
  static final long NEVER = -1;

  /** Says what a client was told of its call. */
  enum Outcome {
    /** A result. */
    DONE,
    /** An error that says that the call may have had its effect. */
    UNKNOWN,
    /** An error that says that the call had no effect. */
    NOT_RUN,
    /** An error that says that the key belongs to another call. */
    KEY_TAKEN,
    /** Something else, such as an error of HTTP. */
    FAILED,
    /** The connection ended: the client left, or its edge was killed. */
    NOTHING,
    /** The client has given up after the longest time that a call may take. */
    TOO_LATE
  }

  /**
   * Describes one request of a client.
   *
   * @param key the key under which the request was sent; empty for none
   * @param token the token by which the results of different effects differ; empty without a result
   */
  record Sending(
      Call call,
      String edge,
      String key,
      long sentAt,
      long endedAt,
      Outcome outcome,
      String token,
      String text) {}

  /**
   * Describes an effect, which a server had once.
   *
   * @param server the place of the effect: a mounted server and its origin, or the database
   * @param at when the server got the request; {@link #NEVER} for the database
   * @param answeredAt when it answered; {@link #NEVER} if it did not
   */
  record Effect(
      String callId, String server, String token, long at, long answeredAt, int version) {}

  /**
   * A process of an origin ended.
   *
   * @param callId of the deadly call under which it ended; empty if nothing of the history ended it
   */
  record Death(String callId, String origin, long at) {}

  /** Something else that is worth a line of the timeline. */
  record Note(long at, String text) {}

  /** All calls, in the order of their first sendings. */
  List<Call> calls() {
    return sendings.stream().map(Sending::call).distinct().toList();
  }

  List<Sending> sendingsOf(Call call) {
    return sendings.stream().filter(s -> s.call().equals(call)).toList();
  }

  List<Effect> effectsOf(Call call) {
    return effects.stream().filter(e -> e.callId().equals(call.id())).toList();
  }

  /** Collects a history; all methods may be called from any thread. */
  static final class Recorder {
    private final Schedule schedule;
    private final long begunNanos = System.nanoTime();
    private final List<Sending> sendings = Collections.synchronizedList(new ArrayList<>());
    private final List<Effect> effects = Collections.synchronizedList(new ArrayList<>());
    private final List<Death> deaths = Collections.synchronizedList(new ArrayList<>());
    private final List<Long> kills = Collections.synchronizedList(new ArrayList<>());
    private final List<Note> notes = Collections.synchronizedList(new ArrayList<>());

    Recorder(Schedule schedule) {
      this.schedule = schedule;
    }

    /** Tells the calls of this history from those of another one in the same world. */
    long seed() {
      return schedule.seed();
    }

    long now() {
      return (System.nanoTime() - begunNanos) / 1_000_000;
    }

    void add(Sending sending) {
      sendings.add(sending);
    }

    /** Returns the place of the effect, for {@link #answered}. */
    int add(Effect effect) {
      synchronized (effects) {
        effects.add(effect);
        return effects.size() - 1;
      }
    }

    void answered(int place) {
      synchronized (effects) {
        Effect e = effects.get(place);
        effects.set(
            place, new Effect(e.callId(), e.server(), e.token(), e.at(), now(), e.version()));
      }
    }

    void add(Death death) {
      deaths.add(death);
    }

    /** Adds that an origin has ended that nobody has stopped. */
    void ended(String origin) {
      deaths.add(new Death("", origin, now()));
    }

    /** Adds that the schedule kills an origin now. */
    void kills() {
      kills.add(now());
    }

    long deaths(String callId) {
      return copy(deaths).filter(d -> d.callId().equals(callId)).count();
    }

    void note(String text) {
      notes.add(new Note(now(), text));
    }

    History done() {
      return new History(
          schedule,
          copy(sendings).sorted((a, b) -> Long.compare(a.sentAt(), b.sentAt())).toList(),
          copy(effects).toList(),
          copy(deaths).toList(),
          copy(kills).toList(),
          copy(notes).toList());
    }

    private static <T> Stream<T> copy(List<T> list) {
      synchronized (list) {
        return List.copyOf(list).stream();
      }
    }
  }
}

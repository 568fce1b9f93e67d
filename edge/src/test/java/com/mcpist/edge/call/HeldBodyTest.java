package com.mcpist.edge.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.call.HeldBody.Room;
import com.mcpist.edge.gate.KnownKeys;
import com.mcpist.edge.gate.auth.Verdict.Caller;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeldBodyTest {
  private static final int MEBIBYTE = 1024 * 1024;
  private static final Caller CAROL = new Caller("carol", false, null);

  private final KnownKeys keys = new KnownKeys(System::nanoTime);
  private final HeldBody.Budget budget = budget(4 * MEBIBYTE);
  private final List<HeldBody> all = new ArrayList<>();

  private HeldBody.Budget budget(int largestRequest) {
    return new HeldBody.Budget(64L * MEBIBYTE, largestRequest, keys);
  }

  /** Adds the beginning of a body that is as long as {@code of}. */
  private Room begin(String address, Caller caller, int of) {
    HeldBody body = budget.body(address, caller);
    all.add(body);
    return body.add(Buffer.buffer("{"), of);
  }

  private static Caller key(int number) {
    return new Caller("key:%016x".formatted(number), true, "of key " + number);
  }

  @Test
  void aBodyTakesAllOfItsRoomAtOnceAndGivesItBack() {
    HeldBody body = budget.body("a", CAROL);
    assertThat(body.add(Buffer.buffer("12"), 100_000)).isEqualTo(Room.TAKEN);
    assertThat(budget.held()).isEqualTo(100_000);
    assertThat(body.add(Buffer.buffer("3"), 100_000)).isEqualTo(Room.TAKEN);
    assertThat(body.bytes().toString()).isEqualTo("123");
    assertThat(budget.held()).isEqualTo(100_000);
    body.letGo();
    body.letGo();
    assertThat(budget.held()).isZero();
    assertThat(body.length()).isZero();
  }

  @Test
  void whatABodyOfNoKnownLengthAllocatesIsTaken() {
    HeldBody body = budget.body("a", CAROL);
    for (int i = 0; i < 100; i++) {
      assertThat(body.add(Buffer.buffer(new byte[1000]), 0)).isEqualTo(Room.TAKEN);
      assertThat(budget.held()).isBetween((long) body.length(), 2L * body.length());
    }
  }

  /** Whoever sends it, and whether its length was declared or not. */
  @ParameterizedTest
  @ValueSource(ints = {1024, 6 * MEBIBYTE, 12 * MEBIBYTE, ProxyConfig.MOST_BODY_BYTES})
  void aBodyOfTheLargestLengthFitsWhereNothingElseIsHeld(int largest) {
    HeldBody.Budget one = budget(largest);
    for (Caller caller : List.of(Caller.LOCAL, CAROL, key(1))) {
      HeldBody declared = one.body("a", caller);
      assertThat(declared.add(Buffer.buffer("{"), largest)).isEqualTo(Room.TAKEN);
      declared.letGo();

      HeldBody undeclared = one.body("a", caller);
      Buffer piece = Buffer.buffer(new byte[1024]);
      for (int length = 0; length < largest; length += piece.length()) {
        assertThat(undeclared.add(piece, 0)).as("after %d", length).isEqualTo(Room.TAKEN);
      }
      undeclared.letGo();
    }
    assertThat(one.held()).isZero();
  }

  @Test
  void aUserLeavesRoomForAnother() {
    for (int user = 0; user < 8; user++) {
      Caller caller = new Caller("user" + user, false, null);
      while (begin("a", caller, MEBIBYTE) == Room.TAKEN) {}
      assertThat(begin("a", caller, MEBIBYTE)).isEqualTo(Room.NOT_FOR_HOLDER);
      assertThat(begin("a", CAROL, 100_000)).isEqualTo(Room.TAKEN);
      all.removeLast().letGo();
    }
    assertThat(begin("b", CAROL, MEBIBYTE)).as("from another address").isEqualTo(Room.TAKEN);
  }

  @Test
  void whereNobodyIsAskedAnAddressLeavesRoomForAnother() {
    int taken = 0;
    while (begin("a", Caller.LOCAL, 4 * MEBIBYTE) == Room.TAKEN) {
      taken++;
    }
    assertThat(taken).isEqualTo(9);
    assertThat(begin("b", Caller.LOCAL, 4 * MEBIBYTE)).isEqualTo(Room.TAKEN);
  }

  @Test
  void keysThatNobodyKnowsKeepNobodyOut() {
    int taken = 0;
    for (int address = 0; address < 20; address++) {
      for (int i = 0; i < 50; i++) {
        taken +=
            begin("a" + address, key(50 * address + i), 4 * MEBIBYTE - 1) == Room.TAKEN ? 1 : 0;
      }
    }
    assertThat(taken).isBetween(2, 6);
    assertThat(begin("a1", key(-1), 100_000)).as("one more such").isEqualTo(Room.TAKEN);
    assertThat(begin("a1", CAROL, 4 * MEBIBYTE)).isEqualTo(Room.TAKEN);
  }

  @Test
  void aKeyIsKnownOnceAnOriginHasAnsweredItAndUntilOneRefusesIt() {
    int large = 8 * MEBIBYTE;
    for (int status : new int[] {400, 401, 403, 429, 500}) {
      keys.answered(key(1), status);
      assertThat(begin("a", key(1), large)).isEqualTo(Room.NOT_FOR_HOLDER);
    }
    keys.answered(key(1), 200);
    keys.answered(key(1), 400);
    assertThat(begin("a", key(2), large)).isEqualTo(Room.NOT_FOR_HOLDER);
    assertThat(begin("a", key(1), large)).isEqualTo(Room.TAKEN);
    all.forEach(HeldBody::letGo);
    keys.answered(key(1), 401);
    assertThat(begin("a", key(1), large)).isEqualTo(Room.NOT_FOR_HOLDER);
  }

  @Test
  void aQuarterIsForSmallBodies() {
    int address = 0;
    for (int length : new int[] {4 * MEBIBYTE, 256 * 1024, HeldBody.SMALL_BYTES + 1}) {
      while (begin("a" + address++, Caller.LOCAL, length) == Room.TAKEN) {}
    }
    assertThat(budget.held()).isLessThanOrEqualTo(48L * MEBIBYTE);
    assertThat(begin("b", Caller.LOCAL, 128 * 1024)).isEqualTo(Room.NONE);
    assertThat(begin("b", Caller.LOCAL, HeldBody.SMALL_BYTES)).isEqualTo(Room.TAKEN);
  }
}

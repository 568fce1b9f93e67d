package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class CallThreadsTest {
  private final CallThreads threads = new CallThreads();

  @AfterEach
  void stop() throws InterruptedException {
    threads.stop(0);
  }

  @Test
  void howeverManyWaitTheNextOneRuns() throws InterruptedException {
    int many = 100;
    CountDownLatch all = new CountDownLatch(many);
    for (int i = 0; i < many; i++) {
      threads.execute(
          () -> {
            all.countDown();
            try {
              all.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }

    assertThat(all.await(60, TimeUnit.SECONDS)).as("all run at once").isTrue();
  }

  @Test
  void whatTheLogSaysOfARequestIsNotSaidOfTheNextOne() {
    CompletableFuture<Thread> first = new CompletableFuture<>();
    threads.execute(
        () -> {
          MDC.put("callId", "first");
          first.complete(Thread.currentThread());
        });

    // Until one comes to the same thread.
    while (true) {
      CompletableFuture<Boolean> same = new CompletableFuture<>();
      CompletableFuture<String> said = new CompletableFuture<>();
      threads.execute(
          () -> {
            said.complete(MDC.get("callId"));
            same.complete(Thread.currentThread() == first.join());
          });
      assertThat(said.join()).isNull();
      if (same.join()) {
        return;
      }
    }
  }

  @Test
  void stoppingInterruptsThoseThatWaitOnEitherKindOfThread() throws InterruptedException {
    int many = 20;
    CountDownLatch began = new CountDownLatch(many);
    CountDownLatch interrupted = new CountDownLatch(many);
    for (int i = 0; i < many; i++) {
      threads.execute(
          () -> {
            began.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              interrupted.countDown();
            }
          });
    }
    began.await();

    assertThat(threads.stop(60_000)).isTrue();
    assertThat(interrupted.getCount()).isZero();
  }
}

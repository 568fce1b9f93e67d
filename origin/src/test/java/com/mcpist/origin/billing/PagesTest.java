package com.mcpist.origin.billing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.origin.admin.AdminProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A user who asks again and again costs Stripe one request a minute. */
class PagesTest {
  private final AtomicLong now = new AtomicLong();
  private final AtomicInteger asked = new AtomicInteger();
  private final Pages pages = new Pages(now::get);

  private String make() {
    return "page " + asked.incrementAndGet();
  }

  @Test
  void whoeverAsksAgainGetsTheSamePage() throws AdminProblem {
    assertThat(pages.get("ann pro", this::make)).isEqualTo("page 1");
    assertThat(pages.get("ann pro", this::make)).isEqualTo("page 1");
    assertThat(pages.get("ann team", this::make)).isEqualTo("page 2");
    now.addAndGet(Pages.FRESH.toNanos());
    assertThat(pages.get("ann pro", this::make)).isEqualTo("page 3");
  }

  @Test
  void manyAtOnceAreFewRequests() throws InterruptedException {
    List<Thread> askers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      askers.add(
          Thread.startVirtualThread(
              () -> {
                try {
                  pages.get("ann pro", this::make);
                } catch (AdminProblem e) {
                  asked.addAndGet(1_000);
                }
              }));
    }
    for (Thread asker : askers) {
      asker.join();
    }
    assertThat(asked).hasValueBetween(1, 4);
  }

  @Test
  void whatFailsIsNotKept() throws AdminProblem {
    assertThatThrownBy(
            () ->
                pages.get(
                    "ann pro",
                    () -> {
                      throw AdminProblem.stripe("Stripe does not answer");
                    }))
        .isInstanceOf(AdminProblem.class);
    assertThat(pages.get("ann pro", this::make)).isEqualTo("page 1");
  }

  @Test
  void theOldestAreForgotten() throws AdminProblem {
    for (int i = 0; i < 1_001; i++) {
      pages.get("user " + i, this::make);
    }
    assertThat(pages.get("user 1000", this::make)).isEqualTo("page 1001");
    assertThat(pages.get("user 0", this::make)).isEqualTo("page 1002");
  }
}

package com.mcpist.deploy.platform.fly;

import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A program that deploys and waits; a test stops it meanwhile. */
final class SlowDeploy {
  private SlowDeploy() {}

  public static void main(String[] arguments) throws Exception {
    Time time = Time.system();
    Deadline deadline = Deadline.in(Duration.ofMinutes(10), time);
    FlyPlatform platform =
        FlyPlatform.of(
            "flyio-standby",
            new Selection("notes", List.of(), Optional.of("nrt")),
            URI.create(arguments[0]),
            Map.of(FlyPlatform.TOKEN, FlyTest.TOKEN),
            "mcpist",
            time);
    try (Rollout rollout = platform.deploy(Images.WANTED, deadline)) {
      rollout.awaitHealthy(step -> System.out.println(step.detail()), deadline);
    }
  }
}

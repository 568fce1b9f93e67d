package com.mcpist.deploy.doctor;

import com.mcpist.deploy.Platforms;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.time.Time;
import java.util.Map;

/** Doctors that nobody watches. */
final class Doctors {
  private Doctors() {}

  static Doctor of(Deployment deployment, Map<String, String> environment, Time time) {
    Platforms platforms = new Platforms(environment, "bob", time);
    return new Doctor(deployment, environment, platforms, _ -> {}, time);
  }
}

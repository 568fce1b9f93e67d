package com.mcpist.deploy;

import module java.base;

import com.mcpist.deploy.config.Deployment.Origin;
import com.mcpist.deploy.config.Hosting;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.VendorCalls;
import com.mcpist.deploy.platform.fly.FlyPlatform;
import com.mcpist.deploy.platform.fly.Selection;
import com.mcpist.deploy.platform.koyeb.KoyebPlatform;
import com.mcpist.deploy.platform.ssh.HostedApp;
import com.mcpist.deploy.platform.ssh.SshPlatform;
import com.mcpist.deploy.time.Time;

/**
 * Opens the platforms of origins with KOYEB_TOKEN and FLY_API_TOKEN. The variables KOYEB_API_URL
 * and FLY_API_URL replace the vendors' own addresses.
 */
public record Platforms(Map<String, String> environment, String who, Time time) {

  /** Returns the platform of an origin, or empty for an origin that runs on this machine. */
  public Optional<Platform> of(Origin origin) {
    return switch (origin.hosting()) {
      case Hosting.Koyeb(String app, String service) ->
          Optional.of(
              KoyebPlatform.of(
                  origin.name(),
                  app,
                  service,
                  address(KoyebPlatform.NAME, "KOYEB_API_URL", KoyebPlatform.API),
                  environment,
                  time));
      case Hosting.Fly(var app, var machines, var region) ->
          Optional.of(
              FlyPlatform.of(
                  origin.name(),
                  new Selection(app, machines, region),
                  address(FlyPlatform.NAME, "FLY_API_URL", FlyPlatform.API),
                  environment,
                  who,
                  time));
      case Hosting.Ssh(var host, var app, var listen, var container) ->
          Optional.of(
              SshPlatform.of(
                  origin.name(),
                  new HostedApp(host, app, listen.address(), listen.port(), container),
                  environment,
                  time));
      case Hosting.Local() -> Optional.empty();
    };
  }

  URI address(String platform, String variable, URI vendor) {
    return VendorCalls.address(platform, environment, variable, vendor);
  }

  /** Returns a text without the environment's values, since some are secrets. */
  @Override
  public String toString() {
    return "Platforms[" + who + "]";
  }
}

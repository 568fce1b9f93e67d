package com.mcpist.deploy.platform.cloudflare;

import com.mcpist.deploy.platform.ApiErrors;
import com.mcpist.deploy.platform.ApiErrors.Known;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.VendorCalls;
import com.mcpist.deploy.platform.VendorCalls.Token;
import com.mcpist.deploy.time.Time;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

public record CloudflareAccess(String account, VendorCalls calls) {
  public static final String NAME = "cloudflare";
  public static final String TOKEN = "CLOUDFLARE_API_TOKEN";

  /** The variable with the id of the zone that the domain is in. */
  public static final String ZONE = "CLOUDFLARE_ZONE_ID";

  public static final URI API = URI.create("https://api.cloudflare.com/client/v4");

  /** What says that a version would bring back other secrets than are stored now. */
  static final int SECRETS_CHANGED = 10220;

  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(60);

  private static final Map<Integer, Known> KNOWN =
      Map.of(
          6003,
          new Known(Kind.UNAUTHORIZED, "Check " + TOKEN + ": it is no API token of Cloudflare's"),
          7003,
          new Known(Kind.NOT_FOUND, "Check account under cloudflare in mcpist.yml, and " + ZONE),
          10007,
          new Known(
              Kind.NOT_FOUND,
              "Check account and worker under cloudflare in mcpist.yml; `mcpist deploy --worker`"
                  + " makes the Worker where there is none"),
          10021,
          new Known(
              Kind.REJECTED, "The bundle does not run there. Build it again: worker/build.sh"),
          10215,
          new Known(
              Kind.CONFLICT,
              "Secrets go to the Worker's latest version, and another one is deployed: bring the"
                  + " latest out first (`mcpist deploy --worker`), and run it again"),
          SECRETS_CHANGED,
          new Known(
              Kind.CONFLICT,
              "That version would come back with the secrets that it had. With --force it does;"
                  + " store the secrets again after the next deployment"));

  public static CloudflareAccess of(
      String account, URI url, Map<String, String> environment, Time time)
      throws PlatformException {
    Token token = Token.fromEnvironment(NAME, environment, TOKEN, value -> "Bearer " + value);
    ApiErrors errors = new ApiErrors(NAME, TOKEN, "account and worker", KNOWN);
    return new CloudflareAccess(account, VendorCalls.of(url, token, errors, CALL_TIMEOUT, time));
  }
}

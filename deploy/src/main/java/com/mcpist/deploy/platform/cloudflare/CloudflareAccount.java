package com.mcpist.deploy.platform.cloudflare;

import com.mcpist.deploy.http.Answer;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.time.Deadline;
import java.util.Optional;

/** What is looked at before anything is deployed: token, zone, namespace. It changes nothing. */
public final class CloudflareAccount {
  private final CloudflareAccess access;

  /** One account. */
  public CloudflareAccount(CloudflareAccess access) {
    this.access = access;
  }

  /**
   * How the token is: active, disabled or expired. A token is a user's or the account's own, and
   * each is asked for in its own place.
   *
   * @throws PlatformException where it is neither
   */
  public String tokenState(Deadline deadline) throws PlatformException, InterruptedException {
    Call users = Call.get("verify the token", "/user/tokens/verify");
    Answer answer = access.calls().answer(users.accepting(401).accepting(403), deadline);
    if (answer.status() / 100 != 2) {
      String path = "/accounts/" + Call.segment(access.account()) + "/tokens/verify";
      answer = access.calls().answer(Call.get("verify the token", path), deadline);
    }
    return answer.body().path("result").path("status").asString("unknown");
  }

  /** The name of a zone, as {@code example.com}. */
  public String zoneName(String zone, Deadline deadline)
      throws PlatformException, InterruptedException {
    Call call = Call.get("get zone " + zone, "/zones/" + Call.segment(zone));
    return access.calls().read(call, deadline).path("result").path("name").asString("");
  }

  /**
   * The zone's SSL/TLS mode, which is how Cloudflare goes on to what is behind a host name of the
   * zone: off, flexible, full, strict or origin_pull. Empty where the token may not read it.
   */
  public Optional<String> encryption(String zone, Deadline deadline)
      throws PlatformException, InterruptedException {
    Call call =
        Call.get("get the SSL/TLS mode", "/zones/" + Call.segment(zone) + "/settings/ssl")
            .accepting(401)
            .accepting(403);
    Answer answer = access.calls().answer(call, deadline);
    return answer.status() / 100 == 2
        ? Optional.of(answer.body().path("result").path("value").asString("unknown"))
        : Optional.empty();
  }

  /** The id of the KV namespace with a title. */
  public Optional<String> namespace(String title, Deadline deadline)
      throws PlatformException, InterruptedException {
    return new WorkersApi(access, "").namespace(title, deadline);
  }
}

package com.mcpist.deploy.admin;

import com.mcpist.deploy.secret.Secret;
import java.util.stream.Stream;

/**
 * What whoever looks after origins or an edge shows there.
 *
 * @param gateway the gateway secret, as X-Gateway-Secret
 * @param token the admin token, as a bearer
 */
public record Access(Secret gateway, Secret token) {
  public Secret authorization() {
    return Secret.of("Bearer " + token.reveal());
  }

  public Stream<Secret> secrets() {
    return Stream.of(gateway, token);
  }
}

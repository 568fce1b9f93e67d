package com.mcpist.deploy.admin;

import module java.base;

import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.config.Mounts;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.time.Deadline;
import tools.jackson.databind.node.ObjectNode;

/** What origins mount, and how that is. */
public record Mounting(AdminPath admin) {
  private static final String MOUNTS = "/api/admin/mounts";
  private static final int NONCE_BYTES = 32;

  /** A server that an origin mounts; its state is as docs/design/processes.md has it. */
  public record Mounted(
      String name,
      String state,
      String problem,
      String revision,
      Optional<Server> server,
      boolean perUser,
      boolean pin,
      int restarts,
      long residentBytes,
      List<MountedTool> tools,
      int prompts,
      int resources) {
    public Mounted {
      state = state.toLowerCase(Locale.ROOT);
    }

    /** What a person should see to. */
    public List<String> problems() {
      List<String> found = new ArrayList<>();
      if (!problem.isEmpty()) {
        found.add("mount " + name + ": " + problem);
      }
      for (MountedTool tool : tools) {
        boolean held = tool.state().equals("held");
        if (held || tool.state().equals("changed")) {
          found.add(
              "mount %s: tool %s has changed since it was approved%s: `mcpist mount approve %s`"
                  .formatted(name, tool.name(), held ? " and is held back" : "", name));
        }
      }
      return found;
    }
  }

  public record Server(String name, String version) {}

  public record MountedTool(String name, String offeredAs, String effect, String state) {}

  private record Listed(List<Mounted> mounts) {}

  public List<Mounted> list(Deadline deadline) throws InterruptedException {
    return admin.get("read the mounts", MOUNTS, Listed.class, deadline).mounts();
  }

  /** What is wrong with the mounts of an origin; nothing where it does not tell. */
  public List<String> problems(URI origin, Deadline deadline) throws InterruptedException {
    try {
      return new Mounting(admin.only(origin))
          .list(deadline).stream().flatMap(mount -> mount.problems().stream()).toList();
    } catch (AdminException _) {
      return List.of();
    }
  }

  /** Approves all tools of a mount as they are now. */
  public void approve(String mount, Deadline deadline) throws InterruptedException {
    String path = MOUNTS + "/" + Call.segment(mount) + "/approve";
    var _ = admin.send(Call.change("approve the tools", "POST", path).asRepeatable(), deadline);
  }

  /**
   * What is the same of two origins where both have the same MOUNTS: a proof of it, or nothing,
   * where none is set.
   */
  public List<String> proofs(List<URI> origins, Deadline deadline) throws InterruptedException {
    byte[] random = new byte[NONCE_BYTES];
    new SecureRandom().nextBytes(random);
    ObjectNode body =
        Call.object().put("nonce", Base64.getUrlEncoder().withoutPadding().encodeToString(random));
    body.putArray("names").add(Mounts.VARIABLE);
    Call call =
        Call.change("compare " + Mounts.VARIABLE, "POST", "/api/admin/secrets", body)
            .asRepeatable();
    List<String> proofs = new ArrayList<>();
    for (URI origin : origins) {
      proofs.add(
          admin
              .only(origin)
              .send(call, deadline)
              .body()
              .path("proofs")
              .path(Mounts.VARIABLE)
              .asString(""));
    }
    return proofs;
  }
}

package com.mcpist.origin.admin;

import com.mcpist.origin.mcp.Json;
import com.mcpist.origin.mount.Mounts;

/** The mounted servers, as this origin sees them, and the approval of their tools, for all. */
record MountRequests(AdminTransactions transactions, Mounts mounts) {
  static final String APPROVE = "mounts/approve";

  AdminReply run(AdminRequest request) throws AdminProblem {
    if (request.resource().equals(APPROVE)) {
      request.only("POST");
      String name = request.name();
      if (!transactions.run(handle -> Mounts.approve(handle, name))) {
        throw AdminProblem.noSuch("mounted server of this name that an origin has seen");
      }
      return AdminReply.ok(Json.object().put("name", name));
    }
    if (request.one()) {
      throw AdminProblem.notFound();
    }
    request.only("GET");
    return AdminReply.list("mounts", mounts.status());
  }
}

package com.mcpist.cli.mount;

import com.mcpist.cli.Screen;
import com.mcpist.deploy.admin.Mounting.Mounted;
import com.mcpist.deploy.admin.Mounting.MountedTool;
import com.mcpist.deploy.admin.Mounting.Server;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** What `mount` shows. */
public final class MountScreens {
  private MountScreens() {}

  public static List<Screen> all() {
    List<MountList.Of> mounts =
        List.of(
            new MountList.Of("koyeb-primary", mounted("running")),
            new MountList.Of("flyio-standby", mounted("starting")));
    return List.of(
        Screen.of("mount list", MountList.text(Map.of("everything", mounts), Screen.TERMINAL)),
        Screen.of("mount test everything", MountCommand.Try.table(trial())));
  }

  private static Mounted mounted(String state) {
    return new Mounted(
        "everything",
        state,
        "",
        "2025-11-25",
        Optional.of(new Server("mcp-servers/everything", "2.0.0")),
        false,
        true,
        0,
        94_371_840,
        List.of(
            new MountedTool("echo", "everything_echo", "reads", "approved"),
            new MountedTool("get-sum", "everything_get-sum", "once", "changed")),
        4,
        10);
  }

  private static Trial trial() {
    return new Trial(
        JsonMapper.shared()
            .readTree(
                """
                {"tools": [{"name": "echo", "offeredAs": "everything_echo", "effect": "reads"},
                  {"name": "get-sum", "offeredAs": "everything_get-sum", "effect": "once"}]}
                """));
  }
}

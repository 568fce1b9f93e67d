/** A container on a host that the person's ssh reaches: podman or docker, and no agent. */
@NullMarked
package com.mcpist.deploy.platform.ssh;

import org.jspecify.annotations.NullMarked;

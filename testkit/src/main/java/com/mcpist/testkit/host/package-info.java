/** A host that ssh reaches and that runs containers: this machine, by a real sshd and podman. */
@NullMarked
package com.mcpist.testkit.host;

import org.jspecify.annotations.NullMarked;

/**
 * The pair on this machine as a platform of {@code deploy}: its images are assembled origins in the
 * data folder, and its supervisor, asked over the control socket, rolls them out.
 */
@NullMarked
package com.mcpist.pair.platform;

import org.jspecify.annotations.NullMarked;

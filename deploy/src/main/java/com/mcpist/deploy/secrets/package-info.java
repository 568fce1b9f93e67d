/** Secrets: brought where they are used, compared with their one source, rotated. */
@NullMarked
package com.mcpist.deploy.secrets;

import org.jspecify.annotations.NullMarked;

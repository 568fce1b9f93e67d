/**
 * Secrets where they are used: brought there, compared with their one source, rotated. A value
 * leaves this only for the place that it belongs to.
 */
@NullMarked
package com.mcpist.deploy.secrets;

import org.jspecify.annotations.NullMarked;

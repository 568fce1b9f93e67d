/** Tells people of a failure and of a recovery. */
@NullMarked
package com.mcpist.deploy.notify;

import org.jspecify.annotations.NullMarked;

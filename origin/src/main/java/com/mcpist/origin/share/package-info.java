/** Shares what is scarce among users, such as connections, so that none of them goes without. */
@NullMarked
package com.mcpist.origin.share;

import org.jspecify.annotations.NullMarked;

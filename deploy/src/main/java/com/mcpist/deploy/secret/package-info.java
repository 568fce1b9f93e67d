/** Values that are nobody's to read. */
@NullMarked
package com.mcpist.deploy.secret;

import org.jspecify.annotations.NullMarked;

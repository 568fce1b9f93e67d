/** Values that are nobody's to read, and the API keys that are made here. */
@NullMarked
package com.mcpist.deploy.secret;

import org.jspecify.annotations.NullMarked;

@NullMarked
package com.mcpist.deploy.secret;

import org.jspecify.annotations.NullMarked;

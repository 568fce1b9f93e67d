@NullMarked
package com.mcpist.deploy.keys;

import org.jspecify.annotations.NullMarked;

@NullMarked
package com.mcpist.deploy.edgeclient;

import org.jspecify.annotations.NullMarked;
